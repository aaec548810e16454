/** Small parts that pages share. */
import type { ComponentChildren } from 'preact'
import { safeHref } from './layout.tsx'
import { docsPage } from './site/docs-site.ts'

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

interface LinkButtonProps extends PageLink {
  readonly quiet?: boolean
  /** The response is a file: the page stays (scripts/page.js). */
  readonly download?: boolean
  /** Leads to the deletion of something. */
  readonly danger?: boolean
}

export const LinkButton = ({ href, label, quiet, download, danger }: LinkButtonProps) => (
  <a
    class={['button', quiet && 'quiet', danger && 'danger'].filter(Boolean).join(' ')}
    href={safeHref(href)}
    {...(download && { 'data-download': '' })}
  >
    {label}
  </a>
)

interface CopyButtonProps {
  /** Id of the element. A field's value is copied, else the text. */
  readonly of: string
  /** Names what is copied to screen readers, such as "the client ID". */
  readonly label: string
}

/** Copies the text of an element of the page. Shown only with JavaScript (scripts/page.js). */
export const CopyButton = ({ of, label }: CopyButtonProps) => (
  <span class="copy">
    <button type="button" class="quiet" data-copies={of} aria-label={`Copy ${label}`} hidden>
      Copy
    </button>
    <span class="unseen" role="status" />
  </span>
)

/** Reference of a trace, at most once on a page. */
export const Reference = ({ text }: { readonly text: string }) => (
  <div class="copied">
    <span id="reference">
      <code>{text}</code>
    </span>
    <CopyButton of="reference" label="the reference" />
  </div>
)

/** A short label with its object for screen readers. */
export const Labelled = ({ label, object }: { readonly label: string; readonly object: string }) => (
  <>
    {label}
    <span class="unseen"> {object}</span>
  </>
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

interface MessageProps extends PartProps {
  /** The user has to act or wait. Default false. */
  readonly warning?: boolean
}

/** A box with a heading in bold. */
export const Message = ({ label, warning, children }: MessageProps) => (
  <div class={warning ? 'message warning' : 'message'}>
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

/** A text whose parts between backticks are commands, settings or files. */
export const CodeText = ({ text }: { readonly text: string }) => (
  <>{text.split('`').map((part, index) => (index % 2 === 1 ? <SourceLink key={part} file={part} /> : part))}</>
)

interface SourceLinkProps {
  /** Path in the repository. */
  readonly file: string
  /** Heading in the file. */
  readonly section?: string | undefined
  /** Default: the path. */
  readonly label?: string
}

/** Leads to a page of the documentation. Where it is not built, names the file. */
export function SourceLink({ file, section, label }: SourceLinkProps) {
  const href = docsPage(file, section)
  if (href !== undefined) return <a href={safeHref(href)}>{label ?? <code>{file}</code>}</a>
  return (
    <>
      <code>{file}</code>
      {section !== undefined && `, section “${section}”`}
      {label !== undefined && ' (in the repository)'}
    </>
  )
}
