/** Takes the place of a component of the theme that loads icons from another host. */
export default { render: () => null }
