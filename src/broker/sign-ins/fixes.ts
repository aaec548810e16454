/** Explains causes of failed sign-ins: meaning, fix, and who can apply it. */
import { type ErrorCode, errorTable, type Fixer, isErrorCode } from '../../errors.ts'
import { truncate } from '../../primitives/untrusted-text.ts'
import { codeFixes } from './code-fixes.ts'
import { type DetailFixRow, detailFixes, type FixTexts } from './detail-fixes.ts'

export interface Fix {
  /** What is wrong, as a short sentence without a full stop. */
  readonly title: string
  /** What to change, and where. */
  readonly fix: string
  readonly fixer: Fixer
}

/** Label of a connection, such as "Okta". */
export interface NamedProvider {
  readonly label: string
}

/** Parts of a cause, such as `upstream_refused:invalid_client`, `login_expired` or `clock`. */
interface CauseParts {
  readonly code: ErrorCode | undefined
  /** Name of the failed check, an OAuth error or another word. May be empty. */
  readonly detail: string
}

function causePartsOf(cause: string): CauseParts {
  const end = cause.indexOf(':')
  const [head, rest] = end === -1 ? [cause, ''] : [cause.slice(0, end), cause.slice(end + 1).trim()]
  return isErrorCode(head) ? { code: head, detail: rest } : { code: undefined, detail: rest === '' ? head : rest }
}

/**
 * Explains a cause from `causeOf` (sign-ins/cause.ts) or from a connection's state. Never throws.
 * @param provider replaces "the identity provider" in the texts by its label
 */
export function fixFor(cause: string, provider?: NamedProvider): Fix {
  const { code, detail } = causePartsOf(cause)
  const row = rowOf(code, detail)
  const fixer = ('fixer' in row && row.fixer) || (code === undefined ? 'tenant admin' : errorTable[code].fixer)
  const named = (text: string) =>
    provider === undefined ? text : text.replace(/\bthe identity provider\b/gi, () => provider.label)
  return { title: named(row.title), fix: named(withFileChange(row.fix)), fixer }
}

/** Appended to each fix that changes the tenant's file. */
export const fileChange = 'An operator changes the file, runs `gatehouse check` and restarts Gatehouse.'

const withFileChange = (fix: string): string => (fix.includes("the tenant's file") ? `${fix} ${fileChange}` : fix)

/** The fix of an error code without a detail. Undefined for a code without a row in `codeFixes`. */
export function listedFix(code: ErrorCode): string | undefined {
  const row = codeFixes[code]
  return row && withFileChange(row.fix)
}

function rowOf(code: ErrorCode | undefined, detail: string): DetailFixRow | FixTexts {
  const isAbout = ({ codes }: DetailFixRow) =>
    codes === undefined ? code === undefined || isAboutUpstream(code) : code !== undefined && codes.includes(code)
  const found = detail === '' ? undefined : detailFixes.find((row) => isAbout(row) && row.details.test(detail))
  return found ?? (code && codeFixes[code]) ?? unlisted(code ?? detail)
}

const isAboutUpstream = (code: ErrorCode) =>
  /^(upstream|callback)_/.test(code) || code === 'sign_in_refused' || code === 'user_denied'

/** For codes and details without a row: sign-ins rarely end with them. */
const unlisted = (what: string): FixTexts => ({
  title: `The sign-in was refused: ${truncate(what.replaceAll('_', ' '))}`,
  fix: 'Read the failed check and the notes of the steps of the last trace. `docs/reference/errors.md` explains the codes.',
})

/** "The tenant admin can fix this." */
export const fixerSentence = (fixer: Fixer): string => `The ${fixer} can fix this.`
