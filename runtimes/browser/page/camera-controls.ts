import { Camera } from './camera.ts';
import { byId } from './dom.ts';
import type { Rates } from './pace.ts';

export interface CameraEvents {
  onStart(camera: Camera): void;
  /** It is to be switched off, see {@link CameraControls.stop}. */
  onLeave(): void;
  /** It is off. */
  onStop(): void;
  onPhoto(photo: Blob): void;
  onProblem(problem: string): void;
}

/** The buttons of the camera, and its pace. */
export class CameraControls {
  readonly #switch = byId('camera', HTMLButtonElement);
  readonly #photograph = byId('photograph', HTMLButtonElement);
  readonly #pace = byId('pace', HTMLOutputElement);
  readonly #events: CameraEvents;
  #camera: Camera | undefined;

  constructor(events: CameraEvents) {
    this.#events = events;
    this.#switch.addEventListener('click', () => {
      if (this.#camera) events.onLeave();
      else void this.#start();
    });
    this.#photograph.addEventListener('click', async () => {
      const photo = await this.#camera?.photograph();
      if (photo) events.onPhoto(photo.blob);
    });
  }

  get running(): boolean {
    return this.#camera !== undefined;
  }

  showRates({ faces, looks, frames }: Rates): void {
    this.#pace.textContent = `${faces.toFixed(1)} faces/s · ${looks.toFixed(1)} of ${frames.toFixed(0)} frames/s`;
  }

  stop(): void {
    if (!this.#camera) return;
    this.#camera.stop();
    this.#camera = undefined;
    this.#show();
    this.#events.onStop();
  }

  async #start(): Promise<void> {
    this.#switch.disabled = true;
    try {
      this.#camera = await Camera.start();
    } catch (error) {
      this.#events.onProblem(whyNot(error as Error));
      return;
    } finally {
      this.#switch.disabled = false;
    }
    this.#show();
    this.#events.onStart(this.#camera);
  }

  #show(): void {
    this.#switch.textContent = this.running ? 'Stop the camera' : 'Camera';
    this.#photograph.hidden = !this.running;
    this.#pace.hidden = !this.running;
    this.#pace.textContent = '';
  }
}

/** The reason why the camera cannot be used, and what to do. Names are those of getUserMedia's errors. */
function whyNot({ name, message }: Error): string {
  switch (name) {
    case 'NotAllowedError':
      return 'The camera is not allowed on this page. Allow it by the icon beside the address, or for the browser in the system’s settings, and press Camera again.';
    case 'SecurityError':
      return 'Browsers give the camera to pages over HTTPS, or of this machine, only. Open this page so, or choose a picture.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'There is no camera on this machine. Plug one in and press Camera again, or choose a picture.';
    case 'NotReadableError':
    case 'AbortError':
      return 'The camera does not start: another program may be using it. Close that, and press Camera again.';
    default:
      return `The camera cannot be used: ${message}. Choose a picture instead.`;
  }
}
