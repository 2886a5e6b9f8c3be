// Names for the codes of the wire, as the server lists them. No other file contains a code.

const GET_OPCODES = 2;

export class Codes {
  #ops = { get_opcodes: GET_OPCODES };
  #responses = new Map([[GET_OPCODES, "opcodes"]]);

  /** Learn all names from the reply to get_opcodes. */
  learn({ opcodes, response_codes }) {
    this.#ops = opcodes;
    this.#responses = new Map(Object.entries(response_codes).map(([name, code]) => [code, name]));
  }

  opNames() {
    return Object.keys(this.#ops);
  }

  op(name) {
    return this.#ops[name];
  }

  nameOfOp(code) {
    return this.opNames().find((name) => this.#ops[name] === code) ?? `op ${code}`;
  }

  nameOfResponse(code) {
    return this.#responses.get(code) ?? `res ${code}`;
  }
}
