/** A real server of some runtime, in a process of its own. */
export interface RunningServer {
  /** Its root, e.g. `http://127.0.0.1:4711/`. */
  readonly url: string;
  readonly pid: number;
  /** What it has written so far: its greeting and its log. */
  said?(): string;
  /** Asks the process to end, and answers with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a server with a configuration file of this text, ready to answer, on a free port unless another is named. */
export type StartServer = (config: string, listen?: string) => Promise<RunningServer>;
