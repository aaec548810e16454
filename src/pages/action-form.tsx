/** A form that is one button. */
import { HiddenFields } from './form.tsx'
import { safeHref } from './layout.tsx'

interface ActionFormProps {
  readonly action: string
  readonly hidden: Readonly<Record<string, string>> | undefined
  readonly label: string
  /** What the button acts on, for those who do not see what it stands beside. */
  readonly object?: string | undefined
}

export function ActionForm({ action, hidden = {}, label, object }: ActionFormProps) {
  return (
    <form method="post" action={safeHref(action)}>
      <HiddenFields values={hidden} />
      <button type="submit" class="quiet">
        {label}
        {object !== undefined && <span class="unseen"> {object}</span>}
      </button>
    </form>
  )
}
