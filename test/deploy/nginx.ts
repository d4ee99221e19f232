import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shipped = fileURLToPath(new URL('../../deploy/nginx/phiz.conf', import.meta.url));

export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

/** nginx with deploy/nginx/phiz.conf, but for the ports: those of two hosts, and a free one of its own. */
export async function startNginx(hosts: readonly [number, number]): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'phiz-nginx-'));
  const port = await freePort();
  const ports = new Map([
    ['127.0.0.1:18080', `127.0.0.1:${port}`],
    ['127.0.0.1:18667', `127.0.0.1:${hosts[0]}`],
    ['127.0.0.1:18668', `127.0.0.1:${hosts[1]}`],
  ]);
  const own = (await readFile(shipped, 'utf8')).replaceAll(
    /127\.0\.0\.1:\d+/g,
    (address) => ports.get(address) ?? address,
  );
  await writeFile(join(folder, 'phiz.conf'), own);
  // All that it writes stays in the folder: nothing of the machine's own nginx is touched.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (what) => `${what}_temp_path ${folder}/${what};`,
  );
  await writeFile(
    join(folder, 'nginx.conf'),
    `pid ${folder}/nginx.pid;
worker_processes 1;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  include ${folder}/phiz.conf;
}
`,
  );
  const log = join(folder, 'error.log');
  const args = ['-c', join(folder, 'nginx.conf'), '-e', log, '-g', 'daemon off;'];
  const child = spawn('nginx', args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('close', () => resolve());
    child.once('error', reject);
  });
  const url = `http://127.0.0.1:${port}/`;
  for (;;) {
    const up = await Promise.race([
      fetch(new URL('health', url)).then(
        () => true,
        () => false,
      ),
      ended.then(() => undefined),
    ]);
    if (up === undefined) throw new Error(`nginx ended:\n${await readFile(log, 'utf8').catch(() => '')}`);
    if (up) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    async stop() {
      child.kill('SIGQUIT');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
