import { svg } from './dom.ts';

const radius = 20;
const toRadians = Math.PI / 180;

/**
 * A head as a ball that looks where the face does: its meridian, its equator and its nose.
 * Angles are those of the contract: degrees, yaw to the viewer's right, pitch upwards, roll clockwise.
 */
export function headPoseFigure({
  yaw,
  pitch,
  roll,
}: {
  yaw: number;
  pitch: number;
  roll: number;
}): SVGSVGElement {
  const across = Math.sin(yaw * toRadians) * radius;
  const down = -Math.sin(pitch * toRadians) * radius;
  // Half an ellipse from pole to pole; it bends to the side that the face turns to.
  const meridian = `M0 ${-radius}A${Math.abs(across)} ${radius} 0 0 ${across >= 0 ? 1 : 0} 0 ${radius}`;
  const equator = `M${-radius} 0A${radius} ${Math.abs(down)} 0 0 ${down >= 0 ? 0 : 1} ${radius} 0`;
  return svg(
    'svg',
    {
      class: 'pose',
      viewBox: '-24 -24 48 48',
      role: 'img',
      'aria-label': `Head pose: yaw ${Math.round(yaw)}, pitch ${Math.round(pitch)}, roll ${Math.round(roll)} degrees`,
    },
    svg(
      'g',
      { transform: `rotate(${roll})` },
      svg('circle', { r: radius }),
      svg('path', { d: meridian }),
      svg('path', { d: equator }),
      svg('circle', { class: 'nose', cx: across, cy: down, r: 3.5 }),
    ),
  );
}
