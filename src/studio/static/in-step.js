// Keeps videos in step: small drifts by the speed of the one that follows, large ones by a jump.

const LEAST = 0.9;
const MOST = 1.1;
const GAIN = 0.8;
// Beyond so many seconds, a change of speed would take too long.
const JUMP = 0.25;
// After a jump the browser needs a moment before its time is right again.
const REST = 400;

/**
 * What a follower has to do that is `drift` seconds behind (negative: ahead), where a frame takes `frame` seconds: `seek`
 * to the leader, or play at `rate` times the leader's speed.
 */
export function correction(drift, frame) {
  const size = Math.abs(drift);
  if (size > JUMP) return { seek: true, rate: 1 };
  if (size <= frame / 2) return { seek: false, rate: 1 };
  return { seek: false, rate: Math.min(MOST, Math.max(LEAST, 1 + GAIN * drift)) };
}

/** `b` follows `a`; at the time T of `a`, `b` is at T + `offset`. Gives a function that ends it. */
export function keepInStep(a, b, offset, fps) {
  const frame = 1 / (fps || 25);
  let handle = 0;
  let rested = 0;
  let stopped = false;
  const hasFrames = "requestVideoFrameCallback" in HTMLVideoElement.prototype;

  const wanted = () => Math.max(0, Math.min(Number.isFinite(b.duration) ? b.duration : Infinity, a.currentTime + offset));

  function jump() {
    rested = performance.now() + REST;
    b.playbackRate = a.playbackRate;
    b.currentTime = wanted();
  }

  function look() {
    if (stopped) return;
    const { seek, rate } = correction(wanted() - b.currentTime, frame);
    if (a.paused || b.seeking || a.seeking || performance.now() < rested) {
      b.playbackRate = a.playbackRate;
    } else if (seek) {
      jump();
    } else {
      b.playbackRate = a.playbackRate * rate;
    }
    wait();
  }

  function wait() {
    handle = hasFrames ? b.requestVideoFrameCallback(look) : setTimeout(look, 40);
  }

  const play = () => {
    if (b.currentTime < b.duration || !Number.isFinite(b.duration)) b.play().catch(() => {});
  };
  const pause = () => {
    b.pause();
    jump();
  };
  const align = () => {
    if (Math.abs(wanted() - b.currentTime) > frame / 2) jump();
  };
  // One that waits for its bytes holds the other.
  const events = [[a, "play", play], [a, "pause", pause], [a, "seeking", align], [a, "seeked", align], [a, "waiting", () => b.pause()], [a, "playing", play], [b, "loadedmetadata", align]];
  for (const [video, name, act] of events) video.addEventListener(name, act);
  wait();
  return () => {
    stopped = true;
    for (const [video, name, act] of events) video.removeEventListener(name, act);
    if (hasFrames) b.cancelVideoFrameCallback(handle);
    else clearTimeout(handle);
  };
}
