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
package dev.fusewright.io.torchscript;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call of a function or a method that is being followed. */
final class Frame {
  private final Value.@Nullable Module self;
  private final CodeFile file;
  private final Definition definition;
  private final @Nullable Frame caller;
  private final Expression.@Nullable Call call;
  private final Map<String, Value> names = new HashMap<>();

  /**
   * A call.
   *
   * @param self the object of a method
   * @param caller null for an entry
   * @param call in the caller's code; null for an entry
   */
  Frame(
      Value.@Nullable Module self,
      CodeFile file,
      Definition definition,
      @Nullable Frame caller,
      Expression.@Nullable Call call) {
    this.self = self;
    this.file = file;
    this.definition = definition;
    this.caller = caller;
    this.call = call;
  }

  Value.@Nullable Module self() {
    return self;
  }

  CodeFile file() {
    return file;
  }

  Definition definition() {
    return definition;
  }

  @Nullable Frame caller() {
    return caller;
  }

  Expression.@Nullable Call call() {
    return call;
  }

  Map<String, Value> names() {
    return names;
  }

  /** The innermost object; null if a function was called by none. */
  Value.@Nullable Module module() {
    for (Frame frame = this; frame != null; frame = frame.caller) {
      if (frame.self != null) {
        return frame.self;
      }
    }
    return null;
  }

  /** The path of the innermost object; empty for the root. */
  String path() {
    Value.Module module = module();
    return module == null ? "" : module.path();
  }
}
