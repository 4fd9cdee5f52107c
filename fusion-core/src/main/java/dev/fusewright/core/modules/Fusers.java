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

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** The fusers that other people provide; the first that takes a sequence has it. */
public record Fusers(List<Fuser> list) {
  /** Copies the list. */
  public Fusers {
    list = List.copyOf(list);
  }

  /** No fusers but the built-in ones. */
  public static Fusers builtIn() {
    return new Fusers(List.of());
  }

  /** Those that a class loader's {@link ServiceLoader} finds. */
  public static Fusers installed(ClassLoader loader) {
    return new Fusers(
        ServiceLoader.load(Fuser.class, loader).stream().map(ServiceLoader.Provider::get).toList());
  }

  /**
   * These, with one more that takes precedence.
   *
   * @throws IllegalArgumentException if the class is not there, is no {@link Fuser}, or cannot be
   *     constructed
   */
  public Fusers with(String className, ClassLoader loader) {
    List<Fuser> all = new ArrayList<>();
    all.add(construct(className, loader));
    all.addAll(list);
    return new Fusers(all);
  }

  private static Fuser construct(String className, ClassLoader loader) {
    try {
      Class<?> type = Class.forName(className, true, loader);
      if (!Fuser.class.isAssignableFrom(type)) {
        throw new IllegalArgumentException(
            "%s does not implement %s".formatted(className, Fuser.class.getName()));
      }
      return (Fuser) type.getConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(
          "there is no class %s on the classpath".formatted(className), e);
    } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
      throw new IllegalArgumentException(
          "%s needs a public constructor without parameters".formatted(className), e);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          "the constructor of %s failed: %s".formatted(className, e.getCause()), e);
    }
  }

  Optional<Fuser> of(List<String> types) {
    return list.stream().filter(fuser -> fuser.sequences().contains(types)).findFirst();
  }
}
