/** The steps before signing keys are rotated or retired. */
import type { ComponentChildren } from 'preact'
import type { Administrator } from '../../../broker/access/target.ts'
import { Form } from '../../../pages/form.tsx'
import { Aside } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { renderAdminPage } from '../admin-layout.tsx'
import type { KeyState } from './key-states.ts'
import { keysPath, retirePath, rotatePath } from './paths.ts'

interface ConfirmationProps {
  readonly by: Administrator
  /** When every app may know the next keys. */
  readonly rotatableAt: Date | undefined
  readonly now: Date
}

interface ConfirmPageProps {
  readonly by: Administrator
  readonly title: string
  readonly action: string
  readonly label: string
  readonly danger?: boolean
  /** Label of a checkbox that states what is lost. */
  readonly despite?: string | undefined
  readonly required?: boolean | undefined
  readonly children: ComponentChildren
}

function confirmPage({ by, title, action, label, danger, despite, required, children }: ConfirmPageProps): string {
  return renderAdminPage({
    section: 'keys',
    title,
    by,
    tenant: undefined,
    children: (
      <section class="card" aria-label={title}>
        <Form action={action}>
          {children}
          {despite !== undefined && (
            <label class="choice">
              <input type="checkbox" name="now" value="1" required={required} />
              <span>{despite}</span>
            </label>
          )}
          <button type="submit" class={danger ? 'danger' : undefined}>
            {label}
          </button>
        </Form>
        <Aside href={keysPath} label="Cancel" />
      </section>
    ),
  })
}

export function rotatePage({ by, rotatableAt, now }: ConfirmationProps): string {
  const isEarly = rotatableAt !== undefined && rotatableAt > now
  return confirmPage({
    by,
    title: 'Rotate the signing keys?',
    action: rotatePath,
    label: 'Rotate',
    danger: true,
    despite: isEarly ? 'Rotate now, although apps may not know the next keys yet' : undefined,
    required: isEarly,
    children: (
      <>
        <p>
          The next key of each algorithm signs from now on. The current keys are retired: they stay published while
          their tokens are valid. You cannot undo this.
        </p>
        {isEarly && (
          <p>
            Apps cache the key set and may not know the next keys before <Time at={rotatableAt} />. Until an app fetches
            the set again, it may reject new sign-ins. Rotate then, unless a key has leaked.
          </p>
        )}
      </>
    ),
  })
}

interface RetirePageProps extends ConfirmationProps {
  readonly key: KeyState
}

export function retirePage({ by, key, rotatableAt, now }: RetirePageProps): string {
  const { id, status } = key
  return confirmPage({
    by,
    title: status === 'active' ? 'Retire this key?' : 'Remove this key?',
    action: retirePath(id),
    label: status === 'active' ? 'Retire' : 'Remove',
    danger: true,
    despite: status === 'next' ? undefined : 'Remove it at once: the tokens that it signed are rejected',
    required: status === 'retired',
    children: (
      <>
        <p class="value">
          <code>{id}</code> ({key.algorithm})
        </p>
        <Consequences
          status={status}
          changesAt={key.changesAt}
          isKnown={rotatableAt === undefined || rotatableAt <= now}
        />
      </>
    ),
  })
}

interface ConsequencesProps extends Pick<KeyState, 'status' | 'changesAt'> {
  /** All apps know the next keys. */
  readonly isKnown: boolean
}

function Consequences({ status, changesAt, isKnown }: ConsequencesProps) {
  if (status === 'next') return <p>It has not signed anything yet. A new next key replaces it.</p>
  if (status === 'retired')
    return (
      <p>
        It no longer signs and is published
        {changesAt !== undefined && (
          <>
            {' '}
            until <Time at={changesAt} />
          </>
        )}
        , while tokens that it signed are valid. Remove it earlier only if it has leaked.
      </p>
    )
  return (
    <p>
      The next key of this algorithm signs from now on. This one stays published while its tokens are valid, unless you
      remove it.
      {!isKnown && ' Apps may not know the next key yet: until they fetch the key set again, they may reject sign-ins.'}
    </p>
  )
}
