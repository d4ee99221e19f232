import type { Options } from './options.ts';

/** The call to the contract that the options stand for, with one picture in the part `sample`. */
export function callOf(options: Options): { requests: [Record<string, unknown>]; include_timings: true } {
  const { detector, region, autoRotate, needs } = options;
  return {
    requests: [
      {
        image: 'multipart:sample',
        ...(detector !== 'nnd' && { detector }),
        ...(region && { roi: region }),
        ...(autoRotate && { auto_rotate: true }),
        ...Object.fromEntries(needs.map((name) => [name, true])),
      },
    ],
    include_timings: true,
  };
}

/** The configuration of the service in this page that the options stand for. */
export function configOf({ autoRotate, minFaceSize }: Options): object {
  return { quality_estimator: autoRotate, nnd: { min_face_size: minFaceSize } };
}

/** The call for a shell. */
export function curlOf(call: object, fileName: string, url: URL, needsKey: boolean): string {
  return [
    `curl -F ${quote(`sample=@${fileName}`)}`,
    `-F ${quote(`request=${spaced(call)}`)}`,
    ...(needsKey ? [`-H 'Authorization: Bearer <key>'`] : []),
    url.href,
  ].join(' \\\n  ');
}

/** JSON on one line, with spaces at which it can be broken. */
const spaced = (value: object) => JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ');

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[\w@=./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
