/**
 * The tables in docs/operations/roles.md, from the table of permissions and the rows of the API.
 */
import { isSessionOnly, permissionNames, permissions, rolesWith } from '../../../src/broker/access/permission.ts'
import { apiRoutes } from '../../../src/web/api/openapi/openapi.ts'
import { templateOf } from '../../../src/web/api/route.ts'

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly string[]) =>
  [row(...head), `|${head.map(() => '---').join('|')}|`, ...rows].join('\n')

function permissionTable(): string {
  const rows = permissionNames.map((name) =>
    row(
      `\`${name}\``,
      permissions[name].text,
      rolesWith(name).toReversed().join(', '),
      isSessionOnly(name) ? 'never' : 'yes',
    ),
  )
  return table(['permission', 'lets its holder', 'roles', 'API token'], rows)
}

export const sessionOnlyRoutes = apiRoutes.filter(
  ({ permission }) => permission !== 'none' && isSessionOnly(permission),
)

function sessionOnlyTable(): string {
  const rows = sessionOnlyRoutes.map(({ method, path, summary, permission }) =>
    row(`\`${method.toUpperCase()} ${templateOf(path)}\``, summary, `\`${permission}\``),
  )
  return table(['call', 'what it does', 'permission'], rows)
}

/** The text with its generated parts replaced. */
export function withRoleTables(text: string): string {
  const tables = { permissions: permissionTable(), 'session-only': sessionOnlyTable() }
  return Object.entries(tables).reduce((before, [name, content]) => {
    const part = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`)
    if (!part.test(before)) throw new Error(`docs/operations/roles.md has no part ${name}`)
    return before.replace(part, (_, start: string, end: string) => `${start}\n${content}\n${end}`)
  }, text)
}
