/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.aten;

/**
 * How an operator of PyTorch is said in ONNX's terms.
 *
 * @param memory of its result
 */
record AtenOperator(Memory memory, Form form) {
  /** Memory of a result. */
  enum Memory {
    /** Its own. */
    FRESH,
    /** Maybe that of what it reads. */
    VIEW
  }

  /** Says one call. */
  @FunctionalInterface
  interface Form {
    /**
     * Adds the nodes of a call, the last of which has its result.
     *
     * @throws UnknownFormException if the arguments say something that has no translation
     */
    void say(AtenCall call, Emission out);
  }

  static AtenOperator fresh(Form form) {
    return new AtenOperator(Memory.FRESH, form);
  }

  static AtenOperator view(Form form) {
    return new AtenOperator(Memory.VIEW, form);
  }
}
