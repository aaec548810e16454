/** Text that others wrote, as messages and traces may quote it. */

/** No message quotes more than this many characters of what a client or an upstream sent. */
export const maxQuotedLength = 300

/** The beginning of a text, with an ellipsis in place of what is cut off. */
export function truncate(text: string, max = maxQuotedLength): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`
}

/** Each email address as `[address]`, also percent-encoded. Linear: each word is looked at once. */
export function withoutEmails(text: string): string {
  return text.replace(/[^\s"'/<>]+/g, (word) => {
    const at = word.search(/@|%40/)
    return at === -1 ? word : `${word.slice(0, word.lastIndexOf(':', at) + 1)}[address]`
  })
}

/** The text without trailing line breaks, which tools add to secrets. */
export function withoutLineEnds(text: string): string {
  let end = text.length
  while (text[end - 1] === '\n') end -= text[end - 2] === '\r' ? 2 : 1
  return text.slice(0, end)
}

const invisible = /[\t-\r\p{Cf}\p{Zl}\p{Zp}]/u

/** Trims tabs, line breaks, byte order marks and other invisible characters. */
export function withoutInvisibleEnds(text: string): string {
  const characters = Array.from(text)
  const isVisible = (character: string) => !invisible.test(character)
  const begin = characters.findIndex(isVisible)
  return begin === -1 ? '' : characters.slice(begin, characters.findLastIndex(isVisible) + 1).join('')
}
