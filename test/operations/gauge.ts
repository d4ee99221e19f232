/** Waits until a metric of a running service is as it should be; answers what it is then. */
export async function gauge(url: string, name: string, reached: (value: number) => boolean): Promise<number> {
  for (;;) {
    const metrics = await (await fetch(new URL('metrics', url))).text();
    const value = Number(new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]);
    if (reached(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
