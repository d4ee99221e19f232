/** What is wrong with a path, by the system's code of an error; any other says it itself. */
const problems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'a part of the path is no folder',
  EISDIR: 'it is a folder, expected a file',
  EACCES: 'it may not be opened',
};

/** Does something with a path. @throws Error that says what is wrong with it, with the system's code */
export async function inWords<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const problem = problems[code];
    if (!problem) throw error;
    throw Object.assign(new Error(`${path}: ${problem}`, { cause: error }), { code });
  }
}
