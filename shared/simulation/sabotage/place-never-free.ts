import type { Sabotage } from '../sabotage.ts';

/** Places under a concurrency key are used up. */
export const placeNeverFree: Sabotage = {
  name: 'place-never-free',
  description: 'places under a concurrency key are neither given back nor found to be free',
  services: (services) => ({
    ...services,
    limits: {
      async read(key) {
        const state = await services.limits.read(key);
        if (!Array.isArray(state?.value)) return state;
        const held = state.value.map((holder) => ({ ...holder, claim: 1_000_000, since: Date.UTC(2100, 0) }));
        return { ...state, value: held };
      },
      async save(key, value, read, writer) {
        const isGivenBack =
          Array.isArray(value) && Array.isArray(read?.value) && value.length < read.value.length;
        return isGivenBack || services.limits.save(key, value, read, writer);
      },
    },
  }),
};
