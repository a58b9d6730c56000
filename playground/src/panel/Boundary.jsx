import { Component } from 'react';

/** Keeps GraphiQL whole where an answer is none that can be drawn. */
export class Boundary extends Component {
  state = { error: null };

  /** Another run may be drawn again. */
  static getDerivedStateFromProps({ run }, state) {
    return run === state.run ? null : { run, error: null };
  }

  static getDerivedStateFromError(error) {
    return { error };
  }

  render() {
    if (!this.state.error) return this.props.children;
    return <p className="quiet">This answer cannot be drawn: {String(this.state.error.message)}</p>;
  }
}
