import type { Point } from '../../../src/image/geometry.ts';
import { byId, h, svg } from './dom.ts';
import type { Region } from './options.ts';
import type { JsonFace } from './service.ts';

/** Pixels that the pointer must move before it draws a region. */
const leastDrag = 6;

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface StageEvents {
  /** A region was drawn, in pixels of the picture. */
  onRegion(region: Region): void;
  /** A face was pointed at; undefined: none. */
  onFace(index: number | undefined): void;
}

/** The picture or the camera, and over it what was found. */
export class Stage {
  readonly #root: HTMLElement;
  readonly #invitation: HTMLElement;
  readonly #events: StageEvents;
  /** Said in the picture's place; {@link Results} says what. */
  readonly #problem = byId('problem', HTMLElement);
  readonly #overlay = svg('svg', { class: 'overlay', 'aria-hidden': true });
  #content: HTMLImageElement | HTMLVideoElement | undefined;
  #drawn: { faces: readonly JsonFace[]; region: Region | undefined; size: Size | undefined } | undefined;
  #mirrored = false;
  #drawing = false;

  constructor(root: HTMLElement, invitation: HTMLElement, events: StageEvents) {
    this.#root = root;
    this.#invitation = invitation;
    this.#events = events;
    this.#overlay.addEventListener('pointerdown', (event) => this.#drag(event));
    // Numbers and points keep their size on the screen.
    new ResizeObserver(() => this.#redraw()).observe(this.#overlay);
  }

  /** Size of what is shown in its own pixels; undefined where nothing is, or nothing that can be. */
  get size(): Size | undefined {
    const content = this.#content;
    if (!content) return undefined;
    const size =
      content instanceof HTMLVideoElement
        ? { width: content.videoWidth, height: content.videoHeight }
        : { width: content.naturalWidth, height: content.naturalHeight };
    return size.width > 0 ? size : undefined;
  }

  /** The picture that is shown; undefined where there is none, a camera, or one that this browser cannot show. */
  get image(): HTMLImageElement | undefined {
    return this.#content instanceof HTMLImageElement && this.size ? this.#content : undefined;
  }

  /** Resolves when the picture is on the page, or cannot be shown by this browser. */
  async showPicture(url: string, name: string): Promise<void> {
    const image = h('img', { src: url, alt: `The picture ${name}`, draggable: 'false' });
    await image.decode().catch(() => undefined);
    this.#show(image, false);
    this.#root.classList.toggle('broken', image.naturalWidth === 0);
  }

  /** @param mirrored as people know themselves; what is computed is not. */
  showVideo(video: HTMLVideoElement, mirrored: boolean): void {
    this.#show(video, mirrored);
    this.#root.classList.remove('broken');
  }

  /** Draws the faces of a picture of this size. */
  draw(faces: readonly JsonFace[], region?: Region, size?: Size): void {
    this.#drawn = { faces, region, size };
    this.#redraw();
  }

  /** Makes one face stand out. */
  highlight(index: number | undefined): void {
    for (const [position, group] of [...this.#overlay.querySelectorAll('g.face')].entries()) {
      group.classList.toggle('chosen', position === index);
    }
  }

  /** The next drag draws a region, whatever it is done with. */
  startDrawing(): void {
    this.#drawing = true;
    this.#root.classList.add('drawing');
    this.#root.scrollIntoView({ block: 'nearest' });
  }

  /** Shows the invitation again. */
  clear(): void {
    this.#content = undefined;
    this.#drawn = undefined;
    this.#invitation.hidden = false;
    this.#root.replaceChildren(this.#problem, this.#invitation);
  }

  #show(content: HTMLImageElement | HTMLVideoElement, mirrored: boolean): void {
    this.#content = content;
    this.#drawn = undefined;
    this.#mirrored = mirrored;
    this.#invitation.hidden = true;
    content.classList.toggle('mirrored', mirrored);
    this.#overlay.replaceChildren();
    this.#root.replaceChildren(
      this.#problem,
      this.#invitation,
      h('div', { class: 'frame' }, content, this.#overlay),
    );
  }

  #redraw(): void {
    this.#overlay.replaceChildren();
    const size = this.#drawn?.size ?? this.size;
    if (!this.#drawn || !size) return;
    const { width, height } = size;
    const { faces, region } = this.#drawn;
    this.#overlay.setAttribute('viewBox', `0 0 ${width} ${height}`);
    if (region) this.#overlay.append(shade(region, width, height));
    const pixel = width / (this.#overlay.clientWidth || width);
    faces.forEach((face, index) => {
      this.#overlay.append(this.#drawFace(face, index, width, pixel));
    });
  }

  /** @param pixel length of a pixel of the screen in the picture */
  #drawFace({ bbox, landmarks }: JsonFace, index: number, width: number, pixel: number): SVGGElement {
    const flip = (x: number) => (this.#mirrored ? width - x : x);
    const boxWidth = bbox.right - bbox.left;
    const left = this.#mirrored ? flip(bbox.right) : bbox.left;
    const group = svg('g', {
      class: 'face',
      pointerenter: () => this.#events.onFace(index),
      pointerleave: () => this.#events.onFace(undefined),
    });
    const box = {
      x: left,
      y: bbox.top,
      width: boxWidth,
      height: bbox.bottom - bbox.top,
      rx: Math.min(boxWidth * 0.08, pixel * 8),
    };
    group.append(svg('rect', { class: 'halo', ...box }), svg('rect', { class: 'box', ...box }));
    if (landmarks) {
      const { all = [], left_eye, right_eye, nose, left_mouth, right_mouth } = landmarks;
      const five = [left_eye, right_eye, nose, left_mouth, right_mouth];
      const thick = Math.max(boxWidth * 0.016, pixel * 1.4);
      // One path for all: a camera's are drawn anew many times a second.
      const dots = (points: readonly Point[]) => points.map(({ x, y }) => `M${flip(x)} ${y}h0`).join('');
      group.append(
        svg('path', { class: 'landmarks', d: dots(all), 'stroke-width': thick }),
        svg('path', { class: 'key landmarks', d: dots(five), 'stroke-width': thick * 1.8 }),
      );
    }
    const tag = pixel * 20;
    const top = Math.max(bbox.top - tag * 0.5, 0);
    group.append(
      svg('rect', { class: 'tag', x: left - tag * 0.2, y: top, width: tag, height: tag, rx: tag * 0.5 }),
      svg(
        'text',
        { class: 'number', x: left + tag * 0.3, y: top + tag * 0.5, 'font-size': tag * 0.6 },
        String(index + 1),
      ),
    );
    return group;
  }

  /** Draws a region from where the pointer went down to where it goes up. */
  #drag(down: PointerEvent): void {
    const size = this.size;
    if (!size || this.#content instanceof HTMLVideoElement) return;
    // On a touch screen the same movement scrolls.
    if (!this.#drawing && down.pointerType !== 'mouse') return;
    down.preventDefault();
    const frame = this.#overlay.getBoundingClientRect();
    const toPicture = ({ clientX, clientY }: PointerEvent) => ({
      x: Math.round(clamp((clientX - frame.left) / frame.width) * size.width),
      y: Math.round(clamp((clientY - frame.top) / frame.height) * size.height),
    });
    const start = toPicture(down);
    const drawn = svg('rect', { class: 'drawn' });
    this.#overlay.setPointerCapture(down.pointerId);
    let region: Region | undefined;

    const move = (event: PointerEvent) => {
      const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) >= leastDrag;
      if (!far && !region) return;
      const end = toPicture(event);
      region = {
        left: Math.min(start.x, end.x),
        top: Math.min(start.y, end.y),
        right: Math.max(start.x, end.x),
        bottom: Math.max(start.y, end.y),
      };
      drawn.setAttribute('x', `${region.left}`);
      drawn.setAttribute('y', `${region.top}`);
      drawn.setAttribute('width', `${region.right - region.left}`);
      drawn.setAttribute('height', `${region.bottom - region.top}`);
      this.#overlay.append(drawn);
    };
    const end = () => {
      this.#overlay.removeEventListener('pointermove', move);
      this.#overlay.removeEventListener('pointerup', end);
      this.#overlay.removeEventListener('pointercancel', end);
      drawn.remove();
      this.#drawing = false;
      this.#root.classList.remove('drawing');
      if (region && region.right > region.left && region.bottom > region.top) this.#events.onRegion(region);
    };
    this.#overlay.addEventListener('pointermove', move);
    this.#overlay.addEventListener('pointerup', end);
    this.#overlay.addEventListener('pointercancel', end);
  }
}

/** Everything but the region, darkened. */
function shade({ left, top, right, bottom }: Region, width: number, height: number): SVGPathElement {
  const hole = `M${left} ${top}V${bottom}H${right}V${top}Z`;
  return svg('path', { class: 'shade', 'fill-rule': 'evenodd', d: `M0 0H${width}V${height}H0Z${hole}` });
}

const clamp = (value: number) => Math.min(Math.max(value, 0), 1);
