/** The codes of docs/reference/errors.md. */
import { listedFix } from '../../../src/broker/sign-ins/fixes.ts'
import { type ErrorCode, errorTable, isErrorCode } from '../../../src/errors.ts'
import { errorTexts } from '../../../src/http/error-texts.ts'
import { code, prose, sentence } from '../parts.ts'
import { errorCauses } from './error-causes.ts'

export function errorCodes(): string {
  const missing = new Set<string>(Object.keys(errorTable))
  const groups = Object.entries(errorCauses).map(([title, causes]) => {
    const entries = Object.entries(causes).map(([name, cause]) => {
      if (!isErrorCode(name) || !missing.delete(name))
        throw new Error(`error-causes.ts: ${name} is unknown or twice there`)
      return entryOf(name, cause)
    })
    return `## ${title}\n\n${entries.join('\n')}`
  })
  if (missing.size > 0)
    throw new Error(`scripts/docs/reference/error-causes.ts has no cause of ${[...missing].join(', ')}`)
  return groups.join('\n')
}

function entryOf(name: ErrorCode, cause: string): string {
  const { status, oauth, fixer } = errorTable[name]
  const { title, text } = errorTexts[name]
  const fix = listedFix(name)
  const lines = [
    `- Status ${status}, OAuth error ${code(oauth)}. Who can fix it: **${fixer}**.`,
    `- Users read: “${prose(title)}”. ${prose(text)}`,
    ...(fix === undefined ? [] : [`- To fix it: ${prose(fix)}`]),
  ]
  return `### ${name}\n\n${sentence(cause)}\n\n${lines.join('\n')}\n`
}
