/** First letters of the first and the last word; of an address, of what stands before the @. */
export function initialsOf(text: string): string {
  const words = (text.split('@')[0] ?? '').split(/[\s._-]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => Array.from(word ?? '')[0] ?? '',
  )
  return initials.join('').toUpperCase()
}
