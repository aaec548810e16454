import { LinkButton, Section } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { userActionPath } from './paths.ts'
import type { UserSectionProps } from './user-section-props.ts'

const kinds = { totp: 'Authenticator app', passkey: 'Passkey' } as const

export function SecondFactors({ record: { user, factors }, mayChange, now }: UserSectionProps) {
  const { totp, passkeys, recoveryCodesLeft, recoveryCodesAt } = factors
  const all = [...totp, ...passkeys]
  const isEmpty = all.length === 0 && recoveryCodesAt === undefined
  return (
    <Section id="factors" title="Second factors">
      {all.length === 0 ? (
        <p class="small">None.</p>
      ) : (
        <ul class="sessions">
          {all.map(({ id, kind, name, createdAt, lastUsedAt }) => (
            <li key={id}>
              <div>
                <h3>{name}</h3>
                <p class="small">
                  {kinds[kind]}, added <Time at={createdAt} now={now} />,{' '}
                  {lastUsedAt === undefined ? (
                    'not used yet'
                  ) : (
                    <>
                      last used <Time at={lastUsedAt} now={now} />
                    </>
                  )}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {recoveryCodesAt !== undefined && (
        <p class="small">
          {recoveryCodesLeft} of 10 recovery codes are left, created <Time at={recoveryCodesAt} now={now} />.
        </p>
      )}
      {mayChange && !isEmpty && (
        <div class="actions">
          <LinkButton href={userActionPath(user.id, 'factors/reset')} label="Reset second factors" quiet />
        </div>
      )}
    </Section>
  )
}
