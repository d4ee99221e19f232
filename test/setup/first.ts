import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** An order of files in which one comes first: the longest, which would else end long after all others. */
export function first(path: string): typeof BaseSequencer {
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const isFirst = ({ moduleId }: TestSpecification) => moduleId.endsWith(path);
      return (await super.sort(files)).sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)));
    }
  };
}
