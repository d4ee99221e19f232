import { describe, expect, it } from 'vitest';
import { Admission } from '../../src/pool/admission.ts';

const overloaded = expect.objectContaining({ code: 'OVERLOADED' });

describe('admission', () => {
  it('refuses the call beyond the limit and takes it once a place is free', () => {
    const admission = new Admission({ calls: 2, bytes: 100 });
    const first = admission.admit(1);
    admission.admit(1);
    expect(() => admission.admit(1)).toThrow(overloaded);
    first.release();
    first.release();
    expect(admission.calls).toBe(1);
    admission.admit(1);
    expect(() => admission.admit(1)).toThrow(overloaded);
  });

  it('bounds the bytes, also those that come after admission, and gives all of them back', () => {
    const admission = new Admission({ calls: 9, bytes: 100 });
    const ticket = admission.admit(60);
    expect(() => admission.admit(41)).toThrow(overloaded);
    ticket.hold(40);
    expect(() => ticket.hold(1)).toThrow(overloaded);
    ticket.release();
    expect(admission.bytes).toBe(0);
  });

  it('closes when the last ticket is back, and admits nothing meanwhile', async () => {
    const admission = new Admission({ calls: 2, bytes: 100 });
    const ticket = admission.admit(1);
    let closed = false;
    const closing = admission.close().then(() => {
      closed = true;
    });
    expect(() => admission.admit(1)).toThrow(overloaded);
    await Promise.resolve();
    expect(closed).toBe(false);
    ticket.release();
    await closing;
  });
});
