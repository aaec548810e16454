/** How a client may write the name of a header so that an app reads it as that header. */
import { emptyIdentityHeaders } from '../../../src/web/forward-auth/identity-headers.ts'

/** `x-auth-user` and the like: all that `/verify` answers with. */
export const headerNames: readonly string[] = Object.keys(emptyIdentityHeaders)

const cases: readonly ((text: string) => string)[] = [
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
  (text) => text.replace(/[a-z]+/g, (word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`),
  (text) => text.replace(/[a-z]/g, (letter, at: number) => (at % 2 === 0 ? letter.toUpperCase() : letter)),
]

const separators = ['-', '_', '.'] // PHP reads a dot in the name of a variable as `_` too

/** Every mix of separators between the words. */
export function separatorsOf(name: string): readonly string[] {
  return name
    .split('-')
    .reduce<readonly string[]>(
      (begun, word) =>
        begun.length === 0 ? [word] : begun.flatMap((each) => separators.map((separator) => each + separator + word)),
      [],
    )
}

/** Every mix of separators in every kind of case. */
export const spellingsOf = (name: string): readonly string[] => [
  ...new Set(separatorsOf(name).flatMap((spelling) => cases.map((each) => each(spelling)))),
]
