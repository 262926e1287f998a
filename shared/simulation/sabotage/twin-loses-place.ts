import type { Sabotage } from '../sabotage.ts';

/** A message that came twice gives back the place that the other one needs. */
export const twinLosesPlace: Sabotage = {
  name: 'twin-loses-place',
  description: 'whoever gives a place back gives back all that its task has',
  services: (services) => ({
    ...services,
    limits: {
      ...services.limits,
      save(key, value, read, writer) {
        if (!Array.isArray(value) || !Array.isArray(read?.value) || value.length >= read.value.length) {
          return services.limits.save(key, value, read, writer);
        }
        const left = new Set(value.map(({ by }) => by));
        const gone = new Set(read.value.filter(({ by }) => !left.has(by)).map(({ taskId }) => taskId));
        return services.limits.save(
          key,
          value.filter(({ taskId }) => !gone.has(taskId)),
          read,
          writer,
        );
      },
    },
  }),
};
