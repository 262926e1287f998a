import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createPipelineTable } from '#shared/contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '#shared/contracts/emulator-clients.ts';
import { createEntityStore, type EntityStore } from './entity-store.ts';

const note = z.object({ id: z.string(), tenant: z.string(), text: z.string(), revision: z.int() });
type Note = z.output<typeof note>;

const client = emulatedDynamoDb();
const first: Note = { id: 'a', tenant: 'acme', text: 'first', revision: 1 };

let notes: EntityStore<Note>;
let drafts: EntityStore<Note>;
beforeEach(async () => {
  const tableName = await createPipelineTable(client);
  notes = createEntityStore({ client, tableName, kind: 'notes', schema: note });
  drafts = createEntityStore({ client, tableName, kind: 'drafts', schema: note });
});

describe('an entity', () => {
  it('is added, and then saved from revision to revision', async () => {
    await notes.add(first);
    expect(await notes.read('acme', 'a')).toEqual(first);
    expect(await notes.save({ ...first, text: 'second', revision: 2 })).toBe(true);
    expect(await notes.save({ ...first, text: 'late', revision: 2 })).toBe(false);
    expect(await notes.read('acme', 'a')).toMatchObject({ text: 'second', revision: 2 });
  });

  it('is none of another kind, though it has the same id', async () => {
    await notes.add(first);
    expect(await drafts.read('acme', 'a')).toBeNull();
    expect(await drafts.list({ tenant: 'acme', limit: 10 })).toEqual({ items: [], nextCursor: null });
    expect(await drafts.save({ ...first, revision: 2 })).toBe(false);
    expect(await drafts.remove('acme', 'a')).toBe(false);
    await drafts.add({ ...first, text: 'draft' });
    expect(await drafts.remove('acme', 'a')).toBe(true);
    expect(await notes.read('acme', 'a')).toEqual(first);
  });
});

it('a listing of large entities has short pages, and all of them in the end', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const id of ids) await notes.add({ ...first, id, text: 'x'.repeat(390_000) });
  const pages: string[][] = [];
  for (let cursor: string | undefined, last = false; !last; ) {
    const page = await notes.list({ tenant: 'acme', limit: 6, cursor });
    pages.push(page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
    last = cursor === undefined;
  }
  // DynamoDB ends an answer at a megabyte, which three of them exceed.
  expect(Math.max(...pages.map(({ length }) => length))).toBeLessThan(6);
  expect(pages.flat()).toEqual(ids.toReversed());
});
