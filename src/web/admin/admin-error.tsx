/** An error below `/admin`, as an administrator sees it: in the frame, with a way on. */
import type { Request } from 'express'
import { type AccessPorts, grantedRoles } from '../../broker/access/authorize.ts'
import { decide } from '../../broker/access/decide.ts'
import { namesOf } from '../../broker/access/roles-of.ts'
import type { Administrator } from '../../broker/access/target.ts'
import { type ErrorCode, errorTable, type GatehouseError } from '../../errors.ts'
import { type ErrorText, errorTextOf, errorTexts } from '../../http/error-texts.ts'
import { ErrorMessage } from '../../pages/form.tsx'
import { LinkButton, type PageLink } from '../../pages/parts.tsx'
import { docsLink } from '../../pages/site/docs-site.ts'
import { permissionText, switchLink } from '../errors/permission.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import { renderAdminPage } from './admin-layout.tsx'
import { type Section, sectionNames, sections } from './sections.ts'

export type AdminErrorPorts = CurrentSessionPorts & { readonly parts: AccessPorts }

/** These are left by signing in, not by a link of the frame. */
const signInCodes: ReadonlySet<ErrorCode> = new Set(['session_invalid', 'fresh_sign_in_required', 'store_unavailable'])

/** Undefined: the page for everybody is right. */
export async function adminErrorPage(
  shell: AdminErrorPorts,
  request: Request,
  error: GatehouseError,
  reference: string | undefined,
): Promise<string | undefined> {
  if (!/^\/admin(\/|$)/i.test(request.path) || signInCodes.has(error.code)) return undefined
  const by = await administratorOf(shell, request)
  return (
    by &&
    errorInFrame({ by, section: sectionOf(request.path), error, reference, other: switchLink(by.session, request) })
  )
}

/** Undefined too if the administrator cannot be read: an error page must not fail again. */
async function administratorOf(shell: AdminErrorPorts, request: Request): Promise<Administrator | undefined> {
  try {
    const session = await currentSession({ shell, request })
    if (session === null) return undefined
    const roles = namesOf(await grantedRoles(shell.parts, session))
    const { permission } = sections.overview
    return decide({ roles, credential: session, permission }) === 'allowed' ? { session, roles } : undefined
  } catch {
    return undefined
  }
}

export function sectionOf(path: string): Section {
  const [, , name] = path.toLowerCase().split('/')
  return sectionNames.find((section) => section === name) ?? 'overview'
}

interface ErrorInFrameProps {
  readonly by: Administrator
  readonly section: Section
  readonly error: GatehouseError
  /** Finds the trace. */
  readonly reference?: string | undefined
  /** Link to sign in as another user. */
  readonly other?: PageLink | undefined
}

export function errorInFrame({ by, section, error, reference, other }: ErrorInFrameProps): string {
  const { title, text: usualText } = adminTextOf(error)
  const refusalText = permissionText(error, by.session)
  const text = refusalText ?? usualText
  const { fixer } = errorTable[error.code]
  const { label, path } = sections[section]
  const docs = docsLink(error.code)
  return renderAdminPage({
    section,
    title,
    by,
    tenant: by.roles.includes('operator') ? undefined : by.session.tenant,
    children: (
      <section class="card" aria-label="Error">
        <ErrorMessage error={{ title, text, reference }} />
        {fixer !== 'user' && <p class="small">Who can fix it: {fixer}</p>}
        <div class="actions">
          <LinkButton href={path} label={`Back to ${label}`} quiet />
          {refusalText !== undefined && other !== undefined && <LinkButton {...other} quiet />}
          {docs !== undefined && <LinkButton href={docs} label="Documentation of this error" quiet />}
        </div>
      </section>
    ),
  })
}

/** The usual text leads to the sign-in page. */
function adminTextOf(error: GatehouseError): ErrorText {
  const { title, text } = errorTextOf(error)
  if (error.code !== 'not_found' || text !== errorTexts.not_found.text) return { title, text }
  return { title: 'Not found', text: 'There is no such page, or it is about a tenant that you do not administer.' }
}
