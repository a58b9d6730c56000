/** `1 image`, `2 images`. */
export const counted = (number, name) => `${number} ${name}${number === 1 ? '' : 's'}`;
