import { safeHref } from '../../../pages/layout.tsx'

interface ActionLinkProps {
  readonly href: string
  readonly label: string
  /** Accessible name of the target. */
  readonly object: string
}

/** Leads to the confirm page of an action on one item of a list. */
export const QuietLink = ({ href, label, object }: ActionLinkProps) => (
  <a class="button quiet" href={safeHref(href)}>
    {label}
    <span class="unseen"> {object}</span>
  </a>
)
