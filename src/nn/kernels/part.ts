import type { Gate, NetworkPart } from '../network.ts';
import { type ConvLayer, inputsOf, type Layer, type Layers, type Readout } from './layers.ts';

/** The layers that a part of a network needs. */
export function withOutputs(network: Layers, { outputs: names, gates = [] }: NetworkPart): Layers {
  const outputs = new Map([...network.outputs].filter(([name]) => names.includes(name)));
  const layers = layersFor(
    network,
    [...outputs.values()].flatMap(({ maps }) => maps),
  );
  const part = { ...network, layers, outputs };
  const gated = new Map<string, Gate>();
  for (const { by, least, outputs: behind } of gates) {
    if (![by, ...behind].every((name) => isOfCells(outputs.get(name)))) continue;
    const gate = { by: outputs.get(by)!.maps[0]!, least };
    for (const name of behind) {
      for (const map of mapsBehind(part, name, gate)) gated.set(map, gate);
      outputs.set(name, { ...outputs.get(name)!, gate });
    }
  }
  return { ...part, gates: gated };
}

/** The layers that maps are made by, in their order. */
export function layersFor({ layers }: Layers, maps: readonly string[]): Layer[] {
  const needed = new Set(maps);
  const made = layers.toReversed().filter((layer) => {
    if (!needed.has(layer.output)) return false;
    for (const name of inputsOf(layer)) needed.add(name);
    return true;
  });
  return made.toReversed();
}

/** True where what is read of a map is a row for each cell, or several. */
const isOfCells = (readout: Readout | undefined): boolean =>
  readout?.maps.length === 1 && readout.channelsLast && readout.shape?.[0] === -1;

/**
 * The maps that one output alone needs: the one that is read out, and those before it, as long as a pixel of
 * a map is made of the same pixel of the one before. They are made later than the map that decides.
 */
function mapsBehind({ layers, outputs }: Layers, output: string, { by }: Gate): string[] {
  const later = layers.slice(layers.findIndex((layer) => layer.output === by) + 1);
  const uses = [...layers.flatMap(inputsOf), ...[...outputs.values()].flatMap(({ maps }) => maps)];
  const maps: string[] = [];
  let name = outputs.get(output)?.maps[0];
  while (name) {
    const layer = later.find((each) => each.output === name);
    if (layer?.op !== 'conv' || uses.filter((use) => use === name).length > 1) break;
    maps.push(name);
    name = isPointwise(layer) ? layer.input : undefined;
  }
  return maps;
}

const isPointwise = ({ window, stride, residual }: ConvLayer): boolean =>
  !residual && [...window, ...stride].every((size) => size === 1);
