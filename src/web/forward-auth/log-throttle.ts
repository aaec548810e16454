/** What anybody can bring up over and over is news once: the same words again, or too many others meanwhile, are not. */
export interface NewsOptions {
  readonly now: () => Date
  /** How long words are not news again, and for how long at most `most` different ones are. */
  readonly windowSeconds: number
  readonly most: number
}

export function newsJudge({ now, windowSeconds, most }: NewsOptions): (words: string) => boolean {
  const toldAt = new Map<string, number>()
  return (words) => {
    const time = now().getTime()
    for (const [told, at] of toldAt) if (time - at >= windowSeconds * 1000) toldAt.delete(told)
    if (toldAt.has(words) || toldAt.size >= most) return false
    toldAt.set(words, time)
    return true
  }
}
