import type { Sabotage } from '../sabotage.ts';

/** What only follows an outcome decides on it. */
export const hookFailsTask: Sabotage = {
  name: 'hook-fails-task',
  description: 'the hook of a success runs as a part of the work',
  implementation: (implementation) => ({
    ...implementation,
    hooks: { ...implementation.hooks, onSuccess: async () => undefined },
    async run(input, context) {
      const result = await implementation.run(input, context);
      await implementation.hooks.onSuccess?.(result, context);
      return result;
    },
  }),
};
