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
package dev.fusewright.core.modules;

import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import java.util.List;
import java.util.Set;

/**
 * Fuses sequences of modules that are listed by name: the counterpart of an entry of PyTorch's
 * {@code additional_fuser_method_mapping}.
 *
 * <p>An implementation is found by {@link java.util.ServiceLoader} or named by its class; it needs
 * a public constructor without parameters. It takes precedence over the built-in fusers, so that it
 * may add a sequence or override one. The engine gives new nodes and values their final ids and
 * names, and checks the graph's invariants when the plan is applied.
 */
public interface Fuser {
  /** The name of this fuser in plans and reports: letters, digits and hyphens. */
  String id();

  /** The sequences of module types that this fuser takes, for example (Conv2d, Hardswish). */
  Set<List<String>> sequences();

  /**
   * What is to be put in the place of the modules, or why they must not be fused.
   *
   * @param modules of one of the {@link #sequences}
   * @param mode for which the model is fused
   */
  Decision<Rewrite> fuse(ModuleSequence modules, FusionMode mode);
}
