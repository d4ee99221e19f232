import { describe, expect, it } from 'vitest';
import { Admission, type AdmissionLimits } from '../../src/pool/admission.ts';

const overloaded = expect.objectContaining({ code: 'OVERLOADED' });

const admissionOf = (limits: Partial<AdmissionLimits>) =>
  new Admission({ calls: 9, bytes: 100, instances: 1, wait: Number.POSITIVE_INFINITY, ...limits });

describe('admission', () => {
  it('refuses the call beyond the limit and takes it once a place is free', () => {
    const admission = admissionOf({ calls: 2 });
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
    const admission = admissionOf({ calls: 9 });
    const ticket = admission.admit(45);
    expect(() => admission.admit(31)).toThrow(overloaded);
    ticket.hold(30);
    expect(() => ticket.hold(1)).toThrow(overloaded);
    ticket.release();
    expect(admission.bytes).toBe(0);
  });

  it('leaves room for a small call at every place', () => {
    const admission = admissionOf({ calls: 5 });
    admission.admit(75);
    for (let i = 0; i < 4; i++) admission.admit(5);
    expect(() => admission.admit(6)).toThrow(overloaded);
  });

  it('leaves places for other clients', () => {
    const admission = admissionOf({ calls: 16 });
    for (let i = 0; i < 12; i++) admission.receive('flood').begin();
    expect(() => admission.receive('flood')).toThrow(overloaded);
    for (let i = 0; i < 4; i++) admission.receive(`${i}`).begin();
    expect(() => admission.receive('late')).toThrow(overloaded);
  });

  it('counts an answer until it has left, but not as work', () => {
    const admission = admissionOf({ calls: 1 });
    const ticket = admission.admit(50);
    ticket.answer(70);
    expect([admission.calls, admission.bytes]).toEqual([1, 70]);
    expect(() => admission.admit(26)).toThrow(overloaded);
    const next = admission.admit(5);
    for (const each of [ticket, next]) each.release();
    expect([admission.calls, admission.bytes]).toEqual([0, 0]);
  });

  it('refuses work that would wait for as much of others, not what is little beside it', () => {
    const admission = admissionOf({ instances: 2, wait: 1_000 });
    for (let i = 0; i < 8; i++) admission.pictureDone(100, 1_000);
    const heavy = [0, 1].map(() => admission.admit(1, 300_000));
    expect(() => admission.admit(1, 300_000)).toThrow(overloaded);
    admission.admit(1, 500);
    // Most of it is done.
    for (const ticket of heavy) ticket.worked(299_000);
    admission.admit(1, 300_000);
  });

  it('refuses a call that would wait too long, and takes it once what waits is less', () => {
    const admission = admissionOf({ instances: 2, wait: 1_000 });
    for (let i = 0; i < 8; i++) admission.pictureDone(600);
    const tickets = [0, 1, 2, 3].map(() => admission.admit(1));
    // Four calls of 0.6 s on two instances are 1.2 s.
    expect(() => admission.admit(1)).toThrow(overloaded);
    tickets[0]!.release();
    admission.admit(1);
  });

  it('takes a call while an instance is free, however long the last ones took', () => {
    const admission = admissionOf({ instances: 2, wait: 1_000 });
    for (let i = 0; i < 8; i++) admission.pictureDone(60_000);
    admission.admit(1);
    admission.admit(1);
    expect(() => admission.admit(1)).toThrow(overloaded);
  });

  it('forgets in time how long pictures once took', () => {
    const admission = admissionOf({ wait: 1_000 });
    for (let i = 0; i < 8; i++) admission.pictureDone(60_000);
    const first = admission.admit(1);
    expect(() => admission.admit(1)).toThrow(overloaded);
    for (let i = 0; i < 100; i++) admission.pictureDone(10);
    admission.admit(1);
    first.release();
  });

  it('closes when the last ticket is back, and admits nothing meanwhile', async () => {
    const admission = admissionOf({ calls: 2 });
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
