import { h } from './dom.ts';

/** Pixels of the longest side of a frame that is sent: enough for faces at a desk. */
const longestSide = 640;

/** Milliseconds over which the pace is counted. */
const paceWindow = 2_000;

/** A running camera. */
export class Camera {
  readonly video = h('video', { autoplay: true, muted: true, playsinline: true, 'aria-label': 'Camera' });
  readonly #stream: MediaStream;
  readonly #canvas = document.createElement('canvas');
  readonly #stopped = new AbortController();
  #lastGiven = -1;

  private constructor(stream: MediaStream) {
    this.#stream = stream;
    this.video.muted = true;
    this.video.srcObject = stream;
  }

  /** @throws Error that says why there is none */
  static async start(): Promise<Camera> {
    if (!navigator.mediaDevices) throw new Error('a page has the camera over HTTPS or on this machine only');
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    const camera = new Camera(stream);
    await camera.video.play();
    return camera;
  }

  /** Whether it looks at the person before the screen. */
  get facesUser(): boolean {
    return this.#stream.getVideoTracks()[0]?.getSettings().facingMode !== 'environment';
  }

  /** The newest frame as a JPEG. @param limit the longest side in pixels */
  async photograph(limit = longestSide): Promise<Blob> {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, limit / Math.max(videoWidth, videoHeight));
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    const context = this.#canvas.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(this.video, 0, 0, this.#canvas.width, this.#canvas.height);
    return new Promise((resolve, reject) =>
      this.#canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('the frame could not be kept'))),
        'image/jpeg',
        0.92,
      ),
    );
  }

  /** Size of the last frame in pixels. */
  get frameSize(): { width: number; height: number } {
    return { width: this.#canvas.width, height: this.#canvas.height };
  }

  /**
   * Resolves with the newest frame as a JPEG when there is one that was not given before, or with
   * undefined when the camera is stopped.
   */
  async nextFrame(): Promise<Blob | undefined> {
    let frame: number | undefined;
    do frame = await this.#frameShown();
    while (frame === this.#lastGiven);
    if (frame === undefined) return undefined;
    this.#lastGiven = frame;
    return this.photograph();
  }

  /** The number of the frame that is shown next; undefined where none comes any more. */
  #frameShown(): Promise<number | undefined> {
    const { signal } = this.#stopped;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(undefined);
      const stop = () => resolve(undefined);
      signal.addEventListener('abort', stop);
      this.video.requestVideoFrameCallback((_now, { presentedFrames }) => {
        signal.removeEventListener('abort', stop);
        resolve(presentedFrames);
      });
    });
  }

  stop(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    this.video.srcObject = null;
    this.#stopped.abort();
  }
}

/** How many frames and faces a second are answered. */
export class Pace {
  #answers: { at: number; faces: number }[] = [];

  /** Counts an answer, and tells the pace of the last seconds. */
  count(faces: number): { frames: number; faces: number } {
    const now = performance.now();
    this.#answers.push({ at: now, faces });
    this.#answers = this.#answers.filter(({ at }) => now - at <= paceWindow);
    const [first] = this.#answers;
    const seconds = (now - (first as { at: number }).at) / 1000;
    if (seconds === 0) return { frames: 0, faces: 0 };
    // The first answer began the time that is counted.
    const later = this.#answers.slice(1);
    return {
      frames: later.length / seconds,
      faces: later.reduce((sum, answer) => sum + answer.faces, 0) / seconds,
    };
  }
}
