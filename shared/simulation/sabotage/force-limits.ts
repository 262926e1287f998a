import type { Services } from '../process-ports.ts';

/** The services, with limits whose key is `meant` saved over whatever is stored. */
export function forceLimits(services: Services, meant: (key: string) => boolean): Services {
  const { limits } = services;
  return {
    ...services,
    limits: {
      ...limits,
      async save(key, value, read, writer) {
        return limits.save(key, value, meant(key) ? await limits.read(key) : read, writer);
      },
    },
  };
}
