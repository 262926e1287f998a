import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createEntityStore, type EntityStore } from '#functions/runtime/entity-store.ts';
import { type TreeItem, treeItem } from './tree-item.ts';

/** Keeps tree items; an item is changed only by whoever has read its newest revision. */
export type TreeItemStore = EntityStore<TreeItem>;

/** Tree items in the applications' table. */
export function createTreeItemStore(client: DynamoDBDocumentClient, tableName: string): TreeItemStore {
  return createEntityStore({ client, tableName, kind: 'tree-items', schema: treeItem });
}
