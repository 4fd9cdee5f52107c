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

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A module list that cannot be carried out; nothing has been changed. The message names each group
 * that failed and the module that made it fail.
 */
public final class ModuleListException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The rule that refusals of module lists name. */
  public static final String RULE = "module-list";

  private final transient List<Refusal> refusals;

  ModuleListException(List<Refusal> refusals) {
    super(
        refusals.stream()
            .map(Refusal::message)
            .collect(Collectors.joining(System.lineSeparator() + "  ")));
    this.refusals = List.copyOf(refusals);
  }

  /** A list that cannot be carried out, for one reason. */
  public static ModuleListException of(Reason reason, String message, Object... arguments) {
    return new ModuleListException(
        List.of(
            new Refusal(
                RULE,
                ScopePath.MAIN,
                List.of(),
                reason,
                arguments.length == 0 ? message : message.formatted(arguments))));
  }

  /** One refusal for each group that failed, in the order of the list. */
  public List<Refusal> refusals() {
    return refusals;
  }
}
