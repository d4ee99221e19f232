import { h } from './dom.ts';

/** A picture of what the camera showed at one moment. */
export interface CameraFrame {
  readonly blob: Blob;
  readonly width: number;
  readonly height: number;
}

/** A running camera. The browser paints its video by itself, whatever the engine does meanwhile. */
export class Camera {
  readonly video = h('video', { autoplay: true, muted: true, playsinline: true, 'aria-label': 'Camera' });
  /** Undefined once it is stopped. */
  #stream: MediaStream | undefined;
  readonly #canvas = document.createElement('canvas');
  /** Frames shown so far. */
  #shown = 0;
  /** Told of the next frame, or the end. */
  readonly #waiting: (() => void)[] = [];

  private constructor(stream: MediaStream) {
    this.#stream = stream;
    this.video.muted = true;
    this.video.srcObject = stream;
    this.#countFrames();
  }

  /** @throws Error that says why there is none */
  static async start(): Promise<Camera> {
    if (!navigator.mediaDevices) throw new DOMException('', 'SecurityError');
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    const camera = new Camera(stream);
    await camera.video.play();
    return camera;
  }

  /** True where the camera looks at the person before the screen. */
  get facesUser(): boolean {
    return this.#stream?.getVideoTracks()[0]?.getSettings().facingMode !== 'environment';
  }

  get running(): boolean {
    return this.#stream !== undefined;
  }

  /** The frame of this moment, as a JPEG. @param limit the longest side in pixels; default: the camera's own */
  async photograph(limit = Number.POSITIVE_INFINITY): Promise<CameraFrame> {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, limit / Math.max(videoWidth, videoHeight));
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    this.#canvas.width = width;
    this.#canvas.height = height;
    const context = this.#canvas.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(this.video, 0, 0, width, height);
    const blob = await new Promise<Blob>((resolve, reject) =>
      this.#canvas.toBlob(
        (jpeg) => (jpeg ? resolve(jpeg) : reject(new Error('the frame could not be kept'))),
        'image/jpeg',
        0.92,
      ),
    );
    return { blob, width, height };
  }

  /**
   * The number of frames shown so far, whenever it has changed: frames that come while
   * nobody waits are left out. Ends when the camera is stopped.
   */
  async *frames(): AsyncGenerator<number> {
    for (let last = 0; this.running; ) {
      if (this.#shown === last) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        continue;
      }
      last = this.#shown;
      yield last;
    }
  }

  stop(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
    this.#stream = undefined;
    this.#wake();
  }

  #countFrames(): void {
    this.video.requestVideoFrameCallback((_now, { presentedFrames }) => {
      this.#shown = presentedFrames;
      this.#wake();
      if (this.running) this.#countFrames();
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
