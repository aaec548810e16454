/** `ssoOnly:` of a tenant: domains whose users sign in by their connection alone. */
import { z } from 'zod'
import { canonicalEmail } from '../../profile/email-address.ts'
import type { ConnectionSettings, SsoOnlyPolicy } from '../../tenant.ts'
import { options } from '../schema/shape.ts'
import { domain, textWhere } from '../schema/text.ts'
import { note, report, type Source, valuesAt, warn } from '../source/source.ts'

const email = textWhere((text) =>
  canonicalEmail(text) === null ? 'must be an email address such as admin@acme.com' : undefined,
).transform((text) => canonicalEmail(text) ?? text)

export const ssoOnlySchema = options(
  { domains: z.array(domain).min(1).max(500), except: z.array(email).max(50).default([]) },
  {
    domains:
      'Email domains whose users sign in by a connection that serves the domain (its domains), and by nothing else: no password, no emailed code, no passkey, no other connection. Required.',
    except:
      'Proven email addresses of break-glass users, who may use other methods when the connection is down; each use is audited and emailed to the admins. Default: none.',
  },
)

/** Reports domains that no connection serves; warns if no user could sign in while it is down. */
export function ssoOnlyPolicy(
  source: Source,
  given: z.output<typeof ssoOnlySchema>,
  connections: readonly ConnectionSettings[],
): SsoOnlyPolicy {
  const served = connections
    .filter(({ kind }) => kind !== 'password' && kind !== 'email')
    .flatMap((each) => each.domains)
  const domains = [...new Set(given.domains)]
  for (const [path, written] of valuesAt(source, 'ssoOnly', 'domains', '[]')) {
    const parsed = domain.safeParse(written)
    if (parsed.success && !served.includes(parsed.data))
      report(
        source,
        path,
        `no connection serves ${parsed.data}, so its users could not sign in: list it in domains of one`,
      )
  }
  note(source, ['ssoOnly'], 'gatehouse sso affected counts the users whom this affects')
  if (given.except.length === 0)
    warn(
      source,
      ['ssoOnly'],
      'names no break-glass user: while the connection is down, no user of these domains can sign in; list one in except',
    )
  return { domains, except: [...new Set(given.except)] }
}
