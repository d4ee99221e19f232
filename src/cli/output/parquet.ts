import type { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import type { ParquetWriter } from 'hyparquet-writer/src/parquet-writer.js';
import { type Column, type ColumnType, columns, type OutputLine, type Row, rowsOf } from './table.ts';

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/** Rows that are held and written together. Readers skip and share work by these groups. */
const groupSize = 5_000;

const types: Record<ColumnType, Partial<SchemaElement>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  'whole number': { type: 'INT32' },
  number: { type: 'DOUBLE' },
  bytes: { type: 'BYTE_ARRAY' },
  numbers: { type: 'FLOAT' },
};

/** A Parquet file in parts, from its beginning to its end. */
export async function* parquetParts(lines: AsyncIterable<OutputLine>): AsyncGenerator<Uint8Array> {
  // The library's main entry would bring Node's file system.
  const [{ ByteWriter }, { ParquetWriter }] = await Promise.all([
    import('hyparquet-writer/src/bytewriter.js'),
    import('hyparquet-writer/src/parquet-writer.js'),
  ]);
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'phiz' });
  let rows: Row[] = [];
  const writeGroup = () => {
    writer.write({ columnData: columns.map((column) => columnOf(column, rows)), rowGroupSize: rows.length });
    rows = [];
    return taken(bytes);
  };
  for await (const line of lines) {
    rows.push(...rowsOf(line));
    if (rows.length >= groupSize) yield writeGroup();
  }
  if (rows.length > 0) yield writeGroup();
  writer.finish();
  yield taken(bytes);
}

/** A vector is a list of three levels, as Parquet's specification of logical types has it. */
const schema: SchemaElement[] = [
  { name: 'phiz', num_children: columns.length },
  ...columns.flatMap(({ name, type }): SchemaElement[] => {
    if (type !== 'numbers') return [{ name, repetition_type: 'OPTIONAL', ...types[type] }];
    return [
      { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'REQUIRED', ...types[type] },
    ];
  }),
];

function columnOf({ name, type, value }: Column, rows: readonly Row[]) {
  return {
    name,
    // Vectors and pictures never come twice, and nothing makes them shorter.
    ...((type === 'numbers' || type === 'bytes') && {
      encoding: 'PLAIN' as const,
      codec: 'UNCOMPRESSED' as const,
      statistics: false,
    }),
    data: rows.map((row) => {
      const cell = value(row);
      return cell instanceof Float32Array ? Array.from(cell) : (cell ?? null);
    }),
  };
}

/** The bytes written since the last time; the library counts on from there. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}
