/** The table of actions in docs/operations/audit.md. */
import { auditActions } from '../src/broker/audit/actions.ts'

const form = /(<!-- written by .*? -->\n)[\s\S]*(<!-- end of the actions -->)/

/** @param page the text of docs/operations/audit.md */
export function withActions(page: string): string {
  const rows = Object.entries(auditActions).map(([name, text]) => `| \`${name}\` | ${text} |\n`)
  const table = `\n| action | meaning |\n|---|---|\n${rows.join('')}\n`
  return page.replace(form, (_, begin: string, end: string) => begin + table + end)
}
