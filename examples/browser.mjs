// node examples/browser.mjs [PORT]: serves browser.html, and phiz's files as /phiz/. Any web server does.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import process from 'node:process';

const dist = new URL('../dist/', import.meta.url);
const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

const server = createServer(async (request, response) => {
  // As a URL's path it cannot lead out of the folder.
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = pathname.startsWith('/phiz/')
    ? new URL(`.${pathname.slice('/phiz'.length)}`, dist)
    : new URL('browser.html', import.meta.url);
  try {
    const content = await readFile(file);
    response.writeHead(200, {
      'Content-Type': types[extname(file.pathname)] ?? 'application/octet-stream',
      // With these two a page may use several threads.
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
