/** Small parts that pages share. */
import type { ComponentChildren } from 'preact'
import { safeHref } from './layout.tsx'

export interface PageLink {
  readonly href: string
  readonly label: ComponentChildren
}

/** A link below the main action. */
export const Aside = ({ href, label }: PageLink) => (
  <p class="aside">
    <a href={safeHref(href)}>{label}</a>
  </p>
)

export const LinkButton = ({ href, label, quiet }: PageLink & { readonly quiet?: boolean }) => (
  <a class={quiet ? 'button quiet' : 'button'} href={safeHref(href)}>
    {label}
  </a>
)

/** Submits a form that is not the main action of its page. */
export const QuietButton = ({ label }: Pick<PageLink, 'label'>) => (
  <button type="submit" class="quiet">
    {label}
  </button>
)

interface AnswersProps {
  readonly yes: string
  readonly no: string
}

/** The field `answer` becomes `yes` or `no`. */
export const Answers = ({ yes, no }: AnswersProps) => (
  <div class="answers">
    <button type="submit" name="answer" value="yes">
      {yes}
    </button>
    <button type="submit" name="answer" value="no" class="quiet">
      {no}
    </button>
  </div>
)

interface PartProps {
  readonly label: ComponentChildren
  readonly children: ComponentChildren
}

/** An entry of a `dl`. */
export const Fact = ({ label, children }: PartProps) => (
  <div>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
)

/** A box with a heading in bold. */
export const Message = ({ label, children }: PartProps) => (
  <div class="message">
    <p>
      <strong>{label}</strong>
    </p>
    <p>{children}</p>
  </div>
)

interface SectionProps {
  readonly id: string
  readonly title: string
  readonly children: ComponentChildren
}

export const Section = ({ id, title, children }: SectionProps) => (
  <section class="card" aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    {children}
  </section>
)
