// How a video that follows another one is kept in step.

// Beyond so many seconds, a change of speed would take too long.
const SEEK_BEYOND = 0.25;
const GAIN = 0.8;
const LEAST = 0.9;
const MOST = 1.1;

/**
 * What a follower has to do that is `drift` seconds behind (negative: ahead), where a frame takes `frame` seconds: `seek`
 * to the leader, or play at `rate` times the leader's speed.
 */
export function correction(drift, frame) {
  const size = Math.abs(drift);
  if (size > SEEK_BEYOND) return { seek: true, rate: 1 };
  if (size <= frame / 2) return { seek: false, rate: 1 };
  return { seek: false, rate: Math.min(MOST, Math.max(LEAST, 1 + GAIN * drift)) };
}
