/** Waits until a metric of a running service is as it should be; answers what it is then. */
export async function gauge(url: string, name: string, reached: (value: number) => boolean): Promise<number> {
  for (;;) {
    const metrics = await (await fetch(new URL('metrics', url))).text();
    const value = Number(
      metrics
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    );
    if (reached(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
