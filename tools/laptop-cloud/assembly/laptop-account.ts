/** The one region of the laptop cloud; the queue emulator keeps queues by it. */
export const LAPTOP_REGION = 'us-east-1';

/** The account every ARN of the laptop cloud names: the queue emulator's own. */
export const LAPTOP_ACCOUNT = '000000000000';
