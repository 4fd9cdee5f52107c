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
/**
 * Models as text: what {@code fusewright show} prints and people write by hand.
 *
 * <p>A file is UTF-8 in the syntax of {@link dev.fusewright.core.text}. It is one if it is text throughout and begins,
 * behind blanks and comments, with the header of a model or with a graph:
 *
 * <pre>
 * &lt;ir_version: 8, opset_import: ["" : 17]&gt;
 * name (inputs) =&gt; (outputs) &lt;parameters&gt; { nodes }
 * </pre>
 *
 * <p>The whole text is on the heap while it is read, and its numbers are for as long as it is open: files beyond a
 * two hundred and fifty-sixth of the heap are refused, and so is writing more than 16 million elements. What the syntax does not say is not
 * kept: documentation, metadata of nodes, annotations.
 *
 * <p>A text may leave values out, as the short form does. Such a model can be looked at: whatever depends on values is
 * told for made-up ones. It cannot be fused.
 *
 * <p>Must never appear here: the syntax itself; what becomes of a model.
 */
@NullMarked
package dev.fusewright.io.text;

import org.jspecify.annotations.NullMarked;
