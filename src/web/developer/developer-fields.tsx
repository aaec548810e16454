/** Fields of the portal's forms, with hints and faults. */
import { Time } from '../../pages/time.tsx'

export interface PageFault {
  readonly field: string
  readonly message: string
}

/** Messages that follow the name of their field. */
const followsName =
  /^(already|are|begins|can|cannot|exceeds|exists|has|have|is|isn't|must|names|need|needs|says|stays|would)\b/

/** Faults of the core as sentences, such as "Name is missing." @param labels of the fields */
export function asSentences(
  faults: readonly PageFault[],
  labels: Readonly<Record<string, string>>,
): readonly PageFault[] {
  return faults.map(({ field, message }) => ({ field, message: sentenceOf(labels[field], message) }))
}

function sentenceOf(label: string | undefined, message: string): string {
  const end = /[.!?]$/.test(message) ? '' : '.'
  if (label === undefined || /^[A-Z]/.test(message)) return message + end
  return `${label}${followsName.test(message) ? '' : ':'} ${message}${end}`
}

/** State of a form's fields: typed or chosen values, and their faults. */
export interface FormState {
  /** Name of the first wrong field, which gets the focus. */
  readonly focused?: string | undefined
  readonly values: Readonly<Record<string, string | readonly string[]>>
  readonly faults: readonly PageFault[]
}

interface FieldProps extends FormState {
  readonly name: string
  readonly label: string
  readonly hint?: string | undefined
}

/** The name of the form's first field that is wrong. @param order of the fields on the page */
export function firstFaulty(faults: readonly PageFault[], order: readonly string[]): string | undefined {
  return order.find((name) => faults.some(({ field }) => field === name))
}

function partsOf({ name, hint, faults, focused }: FieldProps) {
  const own = faults.filter(({ field }) => field === name)
  const describedBy = [hint !== undefined && `${name}-hint`, own.length > 0 && `${name}-fault`].filter(Boolean)
  return {
    describedBy: describedBy.length === 0 ? undefined : describedBy.join(' '),
    invalid: own.length > 0 ? true : undefined,
    focus: focused === name ? { autofocus: true } : {},
    messages: (
      <>
        {hint !== undefined && (
          <p class="hint" id={`${name}-hint`}>
            {hint}
          </p>
        )}
        <FaultList faults={own} id={`${name}-fault`} />
      </>
    ),
  }
}

interface FaultListProps {
  readonly faults: readonly PageFault[]
  readonly id?: string
}

export function FaultList({ faults, id }: FaultListProps) {
  return faults.length === 0 ? null : (
    <ul class="fault" id={id}>
      {faults.map(({ message }) => (
        <li key={message}>{message}</li>
      ))}
    </ul>
  )
}

interface TextFieldProps extends FieldProps {
  readonly required?: boolean
  /** Rows of a text area. */
  readonly rows?: number
  /** An example. */
  readonly placeholder?: string | undefined
}

export function TextField(props: TextFieldProps) {
  const { name, label, values, required, rows, placeholder } = props
  const { describedBy, invalid, focus, messages } = partsOf(props)
  const aria = { 'aria-describedby': describedBy, 'aria-invalid': invalid }
  const shared = { id: name, name, spellcheck: false, autocomplete: 'off', placeholder, ...focus }
  const value = String(values[name] ?? '')
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {rows === undefined ? (
        <input type="text" {...shared} value={value} required={required} {...aria} />
      ) : (
        <textarea {...shared} rows={rows} {...aria}>
          {value}
        </textarea>
      )}
      {messages}
    </div>
  )
}

export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string | undefined
  /** CSS class of the row, such as `for-users`. */
  readonly class?: string | undefined
}

interface ChoicesFieldProps extends FieldProps {
  readonly type: 'radio' | 'checkbox'
  readonly choices: readonly Choice[]
}

export function ChoicesField(props: ChoicesFieldProps) {
  const { name, label, type, choices, values } = props
  const { describedBy, focus, messages } = partsOf(props)
  return (
    <fieldset id={name} aria-describedby={describedBy}>
      <legend>{label}</legend>
      {choices.map(({ value, label, hint, class: className }, index) => (
        <label key={value} class={className === undefined ? 'choice' : `choice ${className}`}>
          <input
            type={type}
            name={name}
            value={value}
            checked={[values[name]].flat().includes(value)}
            {...(index === 0 && focus)}
          />
          <span>
            {label}
            {hint !== undefined && <span class="hint"> {hint}</span>}
          </span>
        </label>
      ))}
      {messages}
    </fieldset>
  )
}

interface FaultsSummaryProps {
  readonly faults: readonly PageFault[]
  /** Labels of the fields that the page has. */
  readonly labels?: Readonly<Record<string, string>>
}

/** Above a rejected form, with a link to each field; screen readers announce it. */
export function FaultsSummary({ faults, labels = {} }: FaultsSummaryProps) {
  if (faults.length === 0) return null
  const linked = Map.groupBy(
    faults.filter(({ field }) => Object.hasOwn(labels, field)),
    ({ field }) => field,
  )
  return (
    <div class="message error" role="alert">
      <p>
        <strong>Please fix {faults.length === 1 ? '1 error' : `${faults.length} errors`}.</strong> Nothing was saved.
      </p>
      {linked.size > 0 && (
        <ul class="faults">
          {[...linked].flatMap(([field, own]) =>
            own.map(({ message }) => (
              <li key={`${field} ${message}`}>
                <a href={`#${field}`}>{message}</a>
              </li>
            )),
          )}
        </ul>
      )}
    </div>
  )
}

interface LastUsedProps {
  readonly at: Date | undefined
  readonly now: Date
}

export function LastUsed({ at, now }: LastUsedProps) {
  if (at === undefined) return <>Not used yet</>
  return (
    <>
      Last used <Time at={at} now={now} />
    </>
  )
}
