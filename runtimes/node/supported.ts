import process from 'node:process';

/** The oldest Node that runs phiz, as in package.json. */
const oldest = 20;

if (Number(process.versions.node.split('.')[0]) < oldest) {
  throw new Error(`phiz needs Node ${oldest} or newer, this is Node ${process.versions.node}`);
}
